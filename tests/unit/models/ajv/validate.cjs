// Reads cases as JSON, and writes what JavaScript makes of them: the patterns that are regular
// expressions with the flag `u`, and which examples fit their schema.
const Ajv = require("./ajv2020.min.js");

const { patterns, cases } = JSON.parse(require("fs").readFileSync(0, "utf8"));
for (const pattern of patterns) new RegExp(pattern, "u");

const results = cases.map(({ schema, examples }) => {
  const validate = new Ajv({ strict: true, validateFormats: false }).compile(schema);
  return examples.map((example) => validate(example));
});
console.log(JSON.stringify(results));
