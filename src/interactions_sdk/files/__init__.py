"""Files on a disk, each of which is there whole, or not at all.

They are read and written without awaiting, for the asynchronous half as well: a disk is never long
in taking a few megabytes, and a thread for each chunk would cost more than it saves.
"""
