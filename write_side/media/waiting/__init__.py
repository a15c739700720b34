"""Files that wait to be confirmed: in parts (`parts`), within a bound (`unconfirmed`), a day (`sweeping`).

Of one that was refused, what it was told is kept instead (`refused`).
"""
