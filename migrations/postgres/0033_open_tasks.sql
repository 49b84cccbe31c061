-- The matters that stand at a stage, for a deadline of many matters that moves.
create index task_open_stage on task (kind, stage, matter_id) where done_at is null;
