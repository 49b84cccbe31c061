-- The open tasks of a role of the association: counted by kind and stage from the index alone, and listed by due day.
create index task_queue on task (turn, kind, stage, due_on, assignee_id, matter_id) where done_at is null and account_id is null;
create index task_queue_due on task (turn, coalesce(due_on, '9999-12-31'), id) where done_at is null and account_id is null;
create index matter_apart_account on matter_apart (account_id, matter_id);
