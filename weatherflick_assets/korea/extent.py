"""The bounding box of Korea, Dokdo and Marado included, in whole degrees (WGS 84).

Only the extent of the country belongs here. `geography.py` decides which region a point lies in.
"""

WEST, EAST = 124, 132
SOUTH, NORTH = 33, 39
