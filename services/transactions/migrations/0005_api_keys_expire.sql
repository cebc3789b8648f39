-- A key may end by itself. The release before this one does not look at the column: whoever rolls back lets such keys live on.
alter table api_keys add column expires_at timestamptz;
