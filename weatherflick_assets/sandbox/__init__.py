"""A simulator of the upstream hosts. It shares no code and no table with the rest of the package."""
