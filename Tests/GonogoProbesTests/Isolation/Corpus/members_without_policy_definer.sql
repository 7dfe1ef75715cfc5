-- platform: supabase
-- expect: broken organization_members
-- expect: unproven organization_members
CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL UNIQUE, full_name text);
CREATE TABLE organizations (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
CREATE TABLE organization_members (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org_id uuid NOT NULL REFERENCES organizations, user_id uuid NOT NULL REFERENCES users, role text NOT NULL DEFAULT 'member', UNIQUE (org_id, user_id));
CREATE TABLE agents (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org_id uuid NOT NULL REFERENCES organizations, name text NOT NULL);
CREATE TABLE stages (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org_id uuid NOT NULL REFERENCES organizations, name text NOT NULL);
CREATE TABLE agent_stages (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), agent_id uuid NOT NULL REFERENCES agents, stage_id uuid NOT NULL REFERENCES stages, UNIQUE (agent_id, stage_id));
CREATE FUNCTION my_orgs() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$ SELECT m.org_id FROM public.organization_members m WHERE m.user_id = auth.uid() $$;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE agents ENABLE ROW LEVEL SECURITY;
ALTER TABLE stages ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON users FOR ALL TO authenticated USING (id = auth.uid());
CREATE POLICY own ON organizations FOR SELECT TO authenticated USING (id IN (SELECT my_orgs()));
CREATE POLICY own ON agents FOR ALL TO authenticated USING (org_id IN (SELECT my_orgs()));
CREATE POLICY own ON stages FOR ALL TO authenticated USING (org_id IN (SELECT my_orgs()));
ALTER TABLE agent_stages ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON agent_stages FOR ALL TO authenticated USING (agent_id IN (SELECT id FROM agents));
