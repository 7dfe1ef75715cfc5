import { pool } from "./database";

// By the server: the counters are in no grant of the browser's.
export async function count(organization: string, messages: number, tokens: number) {
  await pool.query(
    `INSERT INTO usage_daily (organization_id, day, messages, tokens) VALUES ($1, current_date, $2, $3)
     ON CONFLICT (organization_id, day) DO UPDATE
     SET messages = usage_daily.messages + excluded.messages, tokens = usage_daily.tokens + excluded.tokens`,
    [organization, messages, tokens],
  );
}

export async function plan(organization: string) {
  return pool.query("SELECT plan_id, status FROM subscriptions WHERE organization_id = $1", [organization]);
}
