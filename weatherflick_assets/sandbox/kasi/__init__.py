"""The calendar of the Korea Astronomy and Space Science Institute."""
