"""The types of which the fields of a kind are made; a kind lists its fields in `events/kinds/`.

`field` says what every type can do: check a value, name the form in which it is stored, say which columns a
list needs for it. The other files are the types: `texts` (lines, texts, Markdown), `localized` (the same in
two languages), `plain` (flag, count, term, reference), `quantities`, `dates` (with `calendars`, which know
how many days there are), and lists of items with a key: `items` (relations), `sources`, `pictures`. Their
forms in bodies and answers are in `events/forms/`.

A rule is for what is made. What is read from the log is taken as it is, whatever the rules of today are.
"""
