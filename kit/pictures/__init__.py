"""Pictures from strangers, read and written again so that nothing but the picture is left (`cleaning`).

A process of its own reads each (`reading`): with little memory and time, and without the right to open a
file or a connection. Whatever a file does to it ends there. It is forked (`forking`) from one that imported
what it needs and is started with the first picture (`readers`). `formats` tells what a file is by its first
bytes.
"""
