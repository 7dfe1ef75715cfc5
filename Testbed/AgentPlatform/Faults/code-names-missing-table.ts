// breaks: the code reads a table that no migration makes
// as: src/members.ts
// red: MIG-4
import { supabase } from "./client";

export async function members(organization: string) {
  return supabase.from("members").select("user_id, role").eq("organization_id", organization);
}
