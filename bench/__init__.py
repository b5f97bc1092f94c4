"""Measure speed and memory, and compare them with a floor, a peer and targets: `python -m bench`.

`bench/README.md` has the results and describes how each is measured.

rows            every row of the table, and the module that measures it
targets         the target of each row
throughput      many connections, all servers in alternating rounds
tail_latency    p99 / p50, on SQLite and on PostgreSQL
large           100 MB that nobody decodes, against a copy on the same disk
resumable       1 GB by tus in 1 MiB a request, against one raw upload of the same file
thumbnails      the first GET of a thumbnail, against Pillow and thumbor
memory          peak memory during uploads, sampled by `meter`
depth           lists by cursor, of few and many rows, which `many_rows` inserts
start           from the start of the process to the first answer

result          a figure and its rounds
table           results as tables and as JSON
check           what became slower by more than the noise
chart           the chart and the tables of the documentation, from the JSON
report          two servers in a table, and the facts of the machine

servers         the product, the floor and static files (beside `empty_app`) as processes
process         start a server, read its memory, end it
serve           `manage.py serve` with another number of threads at once, or under WSGI
floor           a bare WSGI function that does the unavoidable work; `floor_store` stores for it
peer            Django REST framework JSON:API under gunicorn; its code is in peers/django
directus        Directus, with requests of its own in directus_workload
thumbor         thumbor, which makes images in other sizes; its configuration is in peers/thumbor
install         the packages of a peer, on demand
in_process      the application in this process, with an admin and without a log

images          the JPEGs that are uploaded
workload        the requests of a server, checked once before anything is measured
static_workload the same for static files
ask             one request over a connection of its own
form            a form whose only part is a file
api_client      one request at a time; tus_client sends files by it
load            many requests at once, from a process of its own; `answer` checks each
facts           what a server must know about a file
measure         alternating rounds
compare         start servers, measure them, end them
stopwatch       seconds

parts           processor time of each part of a request: `python -m bench.parts`
profile         the same of an upload, function by function: `python -m bench.profile`
commits         what the row of an upload costs SQLite: `python -m bench.commits`
decoder         what a decoder in a process of its own costs: `python -m bench.decoder`
gateway         what receiving requests whole costs: `python -m bench.gateway`
pages           a page's time by its depth: `python -m bench.pages`
leases          what leases cost among many uploads: `python -m bench.leases`
threads         how many threads of a worker work at once: `python -m bench.threads 1 64`
workers         one number of workers against another: `python -m bench.workers 2 1`
admin_pages     what each page for admins costs a browser: `python -m bench.admin_pages`
admin_pictures  screenshots of these pages beside Directus': `python -m bench.admin_pictures`
scale           lists, sweep and verify by the number of rows: `python -m bench.scale`; it uses
                scale_rows (the rows), scale_storage (the objects), scale_client, scale_requests,
                scale_jobs and scale_plans (the database's query plans)
"""
