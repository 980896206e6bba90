"""The services of AirKorea."""
