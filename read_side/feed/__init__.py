"""What happened, told in order: to anybody what readers may know, to insiders every event of the log.

`table` is what the projection keeps: short rows. What they say in full (fields with before and after, a line
in words) is put together by `event`, from the revisions that the read model of entries holds anyway; `words`
says values as people do. `reading` takes rows page by page, as far as the head that all may see.
"""
