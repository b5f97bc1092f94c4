"""Speed and memory, compared in one run with what they are measured by: `python -m bench`.

rows        every row of the table, and which of these modules takes it
targets     what each is to reach
served      what 8 connections ask of all servers in turns
tail        p99 / p50, on SQLite and on PostgreSQL
large       100 MB that nobody decodes, against a copy on the same disk
thumbnails  the first GET of one, against Pillow
memory      what uploads hold at their fullest, seen by `meter`
depth       lists by cursor, of few and many rows, which `many_rows` makes
start       from the start to the first answer

result      a figure and its rounds
table       results as lines, and as JSON
check       what got slower by more than the noise
chart       the table and the chart of docs/performance.md, from the JSON
report      two servers in a table, and the facts of the machine

floor       a bare WSGI function that does the work nobody can avoid, on the same server settings;
            floor_store is where it keeps what it is given
peer        Django REST framework JSON:API under gunicorn; what it runs is in peers/django
servers     the product, the floor and static files (beside `nothing`), each with what it needs
process     a server as a process: started, asked for its memory, ended
product     `manage.py serve` with another number of threads
images      the JPEGs that are uploaded
client      what is asked of the servers, checked once before anything is measured
static_client, asker    the same for static files; for one request at a time
load        many requests at once, from a process of its own; each `answer` judged
facts       what a server must know of a file
in_process  the application in this process, with an admin and without a log
measure     rounds that alternate between servers
compare     all of them from start to end
stopwatch   seconds

threads     what the number of threads does: `python -m bench.threads 16 64`
workers     what the number of workers does: `python -m bench.workers 2 1`
front       what receiving requests whole costs: `python -m bench.gateway`
pages       what the depth of a page does: `python -m bench.pages`
leases      what leases cost among many uploads: `python -m bench.leases`
decoder     what decoding in a process of its own costs: `python -m bench.decoder`
scale       what a million rows do to lists, sweep and verify: `python -m bench.scale`; beside it
            scale_rows what lies in the database, scale_storage what in its storage, scale_client
            who asks, scale_requests and scale_jobs what is asked, scale_plans how it is found
parts       what each part of a request takes: `python -m bench.parts`
hotspots    the same of an upload, function by function: `python -m bench.profile`
commits     what the row of one upload costs the database: `python -m bench.commits`
"""
