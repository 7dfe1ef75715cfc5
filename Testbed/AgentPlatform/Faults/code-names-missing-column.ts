// breaks: the code writes a column that no migration makes
// as: src/agents.ts
// red: MIG-4
import { supabase } from "./client";

export async function archive(agent: string) {
  return supabase.from("agents").update({ archived_at: new Date().toISOString() }).eq("id", agent);
}
