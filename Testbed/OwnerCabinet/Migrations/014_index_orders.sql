CREATE INDEX IF NOT EXISTS idx_orders_bot_created ON orders (bot_id, created_at DESC);
