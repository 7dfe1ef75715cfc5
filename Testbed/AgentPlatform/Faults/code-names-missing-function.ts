// breaks: the code calls a function that no migration makes
// as: src/team.ts
// red: MIG-4
import { supabase } from "./client";

export async function leave(organization: string) {
  return supabase.rpc("leave_organization", { p_organization: organization });
}
