"""Speed and memory, as ratios to a floor that is measured in the same run: `python -m bench`.

images      the JPEGs that are uploaded
floor       a bare WSGI function that does the work nobody can avoid, on the same server settings;
            floor_store is where it keeps what it is given
product     `manage.py serve` with another number of threads
servers     both as processes: started, asked for their memory, ended
client      what is asked of both, checked once before anything is measured
load        many requests at once, from a process of its own
measure     rounds that alternate between the two
compare     both from start to end
report      the table, and the facts of the machine
threads     what the number of threads does: `python -m bench.threads 16 64`
pages       what the depth of a page does: `python -m bench.pages`
scale       what a million rows do to lists, sweep and verify: `python -m bench.scale`; beside it
            scale_rows what lies in the database, scale_storage what in its storage, scale_client
            who asks, scale_requests and scale_jobs what is asked, scale_plans how it is found
hotspots    where the time of one upload goes: `python -m bench.hotspots`
"""
