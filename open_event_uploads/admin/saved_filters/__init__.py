"""Keep what admins filter the list of uploads by, under names; imports accounts and database."""
