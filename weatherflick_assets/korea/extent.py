"""The bounding box of Korea, Dokdo and Marado included, in whole degrees (WGS 84).

Here belongs how far the country reaches. Which region a point lies in is decided in `geography.py`.
"""

WEST, EAST = 124, 132
SOUTH, NORTH = 33, 39
