-- Titles of submitted matters, each once: the words of a search are compared with these, and the few matters of a rare title are found by it.
create table matter_title (title text not null primary key) strict;
insert into matter_title (title) select distinct title from matter where submitted_at is not null;
create index matter_titled on matter (title, id) where submitted_at is not null;
-- When the matter of a task was submitted first. Queues stop early in each of their orders, at one stage, and for one assignee.
alter table task add column submitted_at text;
update task set submitted_at = (select m.submitted_at from matter m where m.id = task.matter_id);
create index task_queue_submitted on task (turn, submitted_at, id) where done_at is null and account_id is null;
create index task_queue_opened on task (turn, opened_at desc, id) where done_at is null and account_id is null;
-- The counters read this index alone, and the tasks of a stage stand in it by due day.
drop index task_queue;
create index task_queue on task (turn, kind, stage, coalesce(due_on, '9999-12-31'), id, due_on, assignee_id, matter_id)
where done_at is null and account_id is null;
create index task_assignee on task (assignee_id, turn) where done_at is null and assignee_id is not null;
