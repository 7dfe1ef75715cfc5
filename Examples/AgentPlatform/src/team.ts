import { supabase } from "./client";

export async function team(organization: string) {
  return supabase.from("team_directory").select("user_id, role, joined_at").eq("organization_id", organization);
}

export async function names(organization: string) {
  return supabase.rpc("organization_team", { p_organization: organization });
}

export async function invite(organization: string, email: string, tokenHash: string) {
  return supabase
    .from("organization_invites")
    .insert({ organization_id: organization, email, role: "member", token_hash: tokenHash });
}

export async function accept(token: string) {
  return supabase.rpc("accept_invite", { p_token: token });
}

export async function connections(organization: string) {
  return supabase
    .from("crm_credentials")
    .select("id, provider, account_label, expires_at")
    .eq("organization_id", organization);
}
