-- Sessions whose version is not that of their account are void, also those of a log-in that was under way.
alter table account add column session_version integer not null default 0;
alter table session add column account_version integer not null default 0;
