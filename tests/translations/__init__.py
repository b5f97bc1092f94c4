"""Make the catalogues of the admin pages: `make translations`."""
