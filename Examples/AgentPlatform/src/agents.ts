import { supabase } from "./client";

export async function listAgents(organization: string) {
  return supabase.from("agents").select("id, name, model, status, updated_at").eq("organization_id", organization);
}

export async function rename(agent: string, name: string) {
  return supabase.from("agents").update({ name, updated_at: new Date().toISOString() }).eq("id", agent);
}

export async function overview(organization: string) {
  return supabase.from("agent_overview").select("agent_id, name, conversations").eq("organization_id", organization);
}

export async function send(organization: string, conversation: string, content: string) {
  return supabase
    .from("messages")
    .insert({ organization_id: organization, conversation_id: conversation, author: "user", content });
}

export async function search(organization: string, words: string) {
  return supabase.rpc("search_chunks", { p_organization: organization, p_words: words });
}
