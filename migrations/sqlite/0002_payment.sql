-- What a matter costs.
create table charge (
    id blob not null primary key,
    matter_id blob not null references matter (id),
    kind text not null,
    title text not null,
    label text not null,
    amount integer not null check (amount > 0),
    payer text not null,
    account_id blob not null references account (id),
    institution_id blob references institution (id),
    state text not null,
    version integer not null,
    created_at text not null,
    settled_at text
) strict;
create unique index charge_due on charge (matter_id) where state = 'due';
create index charge_matter on charge (matter_id);
create index charge_institution on charge (institution_id, created_at) where state = 'due' and payer = 'institution';

-- One attempt to pay one charge or several. Voucher and invoice are sealed.
create table payment_order (
    id blob not null primary key,
    number text not null unique,
    gateway text not null,
    amount integer not null check (amount > 0),
    account_id blob not null references account (id),
    institution_id blob references institution (id),
    state text not null,
    version integer not null,
    created_at text not null,
    expires_at text not null,
    probe_at text,
    probes integer not null,
    closing integer not null,
    ended_at text,
    voucher_sealed blob,
    invoice_sealed blob,
    invoice_number text,
    invoice_on text,
    note text not null
) strict;
create index payment_order_probe on payment_order (probe_at) where probe_at is not null;
create index payment_order_checking on payment_order (created_at) where state = 'checking';
create index payment_order_invoice on payment_order (ended_at) where state = 'paid' and invoice_sealed is not null and invoice_number is null;
create index payment_order_institution on payment_order (institution_id, created_at desc) where institution_id is not null;

-- What an order pays for. A charge waits for one order at a time.
create table order_charge (
    order_id blob not null references payment_order (id),
    charge_id blob not null references charge (id),
    live integer not null,
    primary key (order_id, charge_id)
) strict;
create unique index order_charge_live on order_charge (charge_id) where live = 1;
create index order_charge_charge on order_charge (charge_id);

-- Money that arrived: each trade of a gateway once.
create table receipt (
    order_id blob not null references payment_order (id),
    trade text not null,
    amount integer not null,
    at text not null,
    primary key (order_id, trade)
) strict;

-- Money that goes back. The charge is nil where a whole order goes back.
create table refund (
    id blob not null primary key,
    order_id blob not null references payment_order (id),
    trade text not null,
    charge_id blob not null,
    amount integer not null,
    reason text not null,
    created_at text not null,
    done_at text,
    unique (order_id, trade, charge_id)
) strict;
create index refund_waiting on refund (created_at) where done_at is null;

-- The demo's cashier: what its payers did.
create table sandbox_trade (
    number text not null primary key,
    trade text not null,
    amount integer not null,
    state text not null,
    at text not null
) strict;

-- What is still to be put into the audit trail. Whoever acts writes here, without waiting for anyone; one hand seals the rows in their order.
create table audit_waiting (
    id blob not null primary key,
    at text not null,
    actor blob,
    action text not null,
    target text not null
) strict;
