-- Every version of a score as it was recorded; the row of the score is the latest one. Version 1 of older scores is what they are now.
create table score_version (
    score_id blob not null references score (id),
    version integer not null,
    marks integer not null,
    passed integer not null,
    published_on text not null,
    recorded_at text not null,
    recorded_by blob references account (id),
    reason text not null,
    primary key (score_id, version)
) strict;
insert into score_version (score_id, version, marks, passed, published_on, recorded_at, recorded_by, reason)
select id, 1, marks, passed, published_on, published_on || 'T00:00:00+00:00', null, '' from score;
