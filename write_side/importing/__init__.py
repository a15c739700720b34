"""Content with its history, from elsewhere: what a source holds becomes revisions of entries here.

A format (`formats`) reads a source as `record`s: one revision of one entry each, or what was set aside at
once. `deciding` turns a record into events by the rules of every command; what those refuse is set aside with
its place and the reason, and nothing else is lost. `run` appends them in small groups and goes on where an
earlier run was ended: `progress` finds the last record of each entry in the log. `addresses` finds slugs,
`authors` makes accounts for those who wrote, `pace` gives way to editors, `report` counts.
"""
