-- Every version of a score as it was recorded; the row of the score is the latest one. Version 1 of older scores is what they are now.
create table score_version (
    score_id uuid not null references score (id),
    version bigint not null,
    marks bigint not null,
    passed boolean not null,
    published_on date not null,
    recorded_at timestamptz not null,
    recorded_by uuid references account (id),
    reason text not null,
    primary key (score_id, version)
);
insert into score_version (score_id, version, marks, passed, published_on, recorded_at, recorded_by, reason)
select id, 1, marks, passed, published_on, published_on::timestamp at time zone 'UTC', null, '' from score;
