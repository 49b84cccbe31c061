-- What a matter costs.
create table charge (
    id uuid not null primary key,
    matter_id uuid not null references matter (id),
    kind text not null,
    title text not null,
    label text not null,
    amount bigint not null check (amount > 0),
    payer text not null,
    account_id uuid not null references account (id),
    institution_id uuid references institution (id),
    state text not null,
    version bigint not null,
    created_at timestamptz not null,
    settled_at timestamptz
);
create unique index charge_due on charge (matter_id) where state = 'due';
create index charge_matter on charge (matter_id);
create index charge_institution on charge (institution_id, created_at) where state = 'due' and payer = 'institution';

-- One attempt to pay one charge or several. Voucher and invoice are sealed.
create table payment_order (
    id uuid not null primary key,
    number text not null unique,
    gateway text not null,
    amount bigint not null check (amount > 0),
    account_id uuid not null references account (id),
    institution_id uuid references institution (id),
    state text not null,
    version bigint not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    probe_at timestamptz,
    probes bigint not null,
    closing boolean not null,
    ended_at timestamptz,
    voucher_sealed bytea,
    invoice_sealed bytea,
    invoice_number text,
    invoice_on date,
    note text not null
);
create index payment_order_probe on payment_order (probe_at) where probe_at is not null;
create index payment_order_checking on payment_order (created_at) where state = 'checking';
create index payment_order_invoice on payment_order (ended_at) where state = 'paid' and invoice_sealed is not null and invoice_number is null;
create index payment_order_institution on payment_order (institution_id, created_at desc) where institution_id is not null;

-- What an order pays for. A charge waits for one order at a time.
create table order_charge (
    order_id uuid not null references payment_order (id),
    charge_id uuid not null references charge (id),
    live boolean not null,
    primary key (order_id, charge_id)
);
create unique index order_charge_live on order_charge (charge_id) where live;
create index order_charge_charge on order_charge (charge_id);

-- Money that arrived: each trade of a gateway once.
create table receipt (
    order_id uuid not null references payment_order (id),
    trade text not null,
    amount bigint not null,
    at timestamptz not null,
    primary key (order_id, trade)
);

-- Money that goes back. The charge is nil where a whole order goes back.
create table refund (
    id uuid not null primary key,
    order_id uuid not null references payment_order (id),
    trade text not null,
    charge_id uuid not null,
    amount bigint not null,
    reason text not null,
    created_at timestamptz not null,
    done_at timestamptz,
    unique (order_id, trade, charge_id)
);
create index refund_waiting on refund (created_at) where done_at is null;

-- The demo's cashier: what its payers did.
create table sandbox_trade (
    number text not null primary key,
    trade text not null,
    amount bigint not null,
    state text not null,
    at timestamptz not null
);

-- What is still to be put into the audit trail. Whoever acts writes here, without waiting for anyone; one hand seals the rows in their order.
create table audit_waiting (
    id uuid not null primary key,
    at timestamptz not null,
    actor uuid,
    action text not null,
    target text not null
);
