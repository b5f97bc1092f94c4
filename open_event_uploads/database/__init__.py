"""The way to the database: engines, the one writer, the one reader; knows no feature."""
