// Drives the official Node client through databases, rows, bulk and a transaction, and prints
// what it was answered. `test_official_clients.py` runs it beside an installed node-appwrite.
import { Client, ID, Permission, Query, Role, TablesDB, Users } from "node-appwrite";

const [endpoint, project, key] = process.argv.slice(2);
const client = new Client().setEndpoint(endpoint).setProject(project).setKey(key);
const tables = new TablesDB(client);
const told = {};

const database = await tables.create({ databaseId: "shop", name: "Shop" });
told.database = [database.$id, database.name, database.enabled];
const place = { databaseId: "shop", tableId: "orders" };
await tables.createTable({ ...place, name: "Orders", rowSecurity: true });
await tables.createVarcharColumn({ ...place, key: "title", size: 100, required: true });
await tables.createIntegerColumn({ ...place, key: "amount", required: false, min: 0 });
await tables.createDatetimeColumn({ ...place, key: "due", required: false });
await tables.createEnumColumn({ ...place, key: "state", elements: ["open", "paid"], required: false });
await tables.createIndex({ ...place, key: "title", type: "key", columns: ["title"] });
told.columns = (await tables.listColumns(place)).columns.map((column) => column.key);

const ada = await new Users(client).create({ userId: "ada", email: "ada@example.com" });
told.user = ada.$id;
const row = await tables.createRow({
  ...place,
  rowId: ID.unique(),
  data: { title: "Éclair", amount: 3, due: "2026-05-01T10:00:00+02:00", state: "open" },
  permissions: [Permission.read(Role.user("ada"))],
});
told.row = [row.title, row.amount, row.due, row.state, row.$permissions];
const known = { ...place, rowId: row.$id };
told.read = (await tables.getRow({ ...known, queries: [Query.select(["title"])] })).title;
told.updated = (await tables.updateRow({ ...known, data: { amount: 4 } })).amount;
const stepped = await tables.incrementRowColumn({ ...known, column: "amount", value: 2 });
told.stepped = stepped.amount;
told.upserted = (await tables.upsertRow({ ...place, rowId: "u1", data: { title: "Tea" } })).$id;

const many = [1, 2, 3, 4].map((number) => ({ $id: `b${number}`, title: "Bulk", amount: number }));
told.made = (await tables.createRows({ ...place, rows: many })).total;
const overOne = [Query.equal("title", "bulk"), Query.greaterThan("amount", 1)];
const changed = await tables.updateRows({ ...place, data: { state: "paid" }, queries: overOne });
told.changed = changed.total;
const deleted = await tables.deleteRows({ ...place, queries: [Query.equal("$id", ["b1", "b2"])] });
told.deleted = deleted.total;
const page = await tables.listRows({
  ...place,
  queries: [
    Query.or([Query.equal("state", "paid"), Query.startsWith("title", "ECL")]),
    Query.orderDesc("amount"),
    Query.limit(2),
  ],
});
told.page = [page.total, page.rows.map((each) => [each.title, each.amount])];

const transaction = await tables.createTransaction({ ttl: 60 });
const staged = { databaseId: "shop", tableId: "orders" };
const transactionId = transaction.$id;
await tables.createOperations({
  transactionId,
  operations: [
    { ...staged, action: "create", rowId: "t1", data: { title: "Staged" } },
    { ...staged, action: "update", rowId: "b3", data: { amount: 30 } },
  ],
});
told.unseen = await refusal(() => tables.getRow({ ...place, rowId: "t1" }));
told.committed = (await tables.updateTransaction({ transactionId, commit: true })).status;
told.seen = [
  (await tables.getRow({ ...place, rowId: "t1" })).title,
  (await tables.getRow({ ...place, rowId: "b3" })).amount,
];
told.again = await refusal(() => tables.createRow({ ...place, rowId: "t1", data: { title: "x" } }));
await tables.deleteRow({ ...place, rowId: "t1" });
told.gone = await refusal(() => tables.getRow({ ...place, rowId: "t1" }));

async function refusal(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return [error.code, error.type];
  }
}

console.log(JSON.stringify(told));
