#!/usr/bin/env python3
"""Writes the schema of a multi-tenant application with as many tables as are asked for: schema.py 100 > schema.sql

Every tenth table keeps one user's rows, every fourth hangs on the table before it, the others carry the tenant's key. All
of them are guarded; one in fifty has a policy that lets everybody read, so that there is something to find.
"""
import sys

count = int(sys.argv[1])
print("""CREATE TABLE organizations (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
CREATE TABLE memberships (
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
  role text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'admin')), PRIMARY KEY (organization_id, user_id));
CREATE FUNCTION is_member(org uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.memberships m WHERE m.organization_id = org AND m.user_id = auth.uid()) $$;
CREATE FUNCTION is_admin(org uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.memberships m WHERE m.organization_id = org AND m.user_id = auth.uid() AND m.role = 'admin') $$;
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
CREATE POLICY org_read ON organizations FOR SELECT TO authenticated USING (is_member(id));
CREATE POLICY org_write ON organizations FOR UPDATE TO authenticated USING (is_admin(id));
CREATE POLICY member_read ON memberships FOR SELECT TO authenticated USING (is_member(organization_id));
CREATE POLICY member_write ON memberships FOR ALL TO authenticated USING (is_admin(organization_id));""")
parent = None
for number in range(count - 2):
    name = f"t{number:04d}"
    if number % 10 == 9:
        print(f"""CREATE TABLE {name} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
  body text NOT NULL, starred boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON {name} (user_id);
ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON {name} FOR ALL TO authenticated USING (user_id = auth.uid());""")
    elif number % 4 == 3:
        print(f"""CREATE TABLE {name} (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, parent_id uuid NOT NULL REFERENCES {parent} ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('note', 'file', 'link')), amount numeric(12, 2) NOT NULL DEFAULT 0, data jsonb NOT NULL DEFAULT '{{}}');
CREATE INDEX ON {name} (parent_id);
ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON {name} FOR ALL TO authenticated
  USING (EXISTS (SELECT FROM {parent} p WHERE p.id = parent_id AND is_member(p.organization_id)));""")
    else:
        print(f"""CREATE TABLE {name} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  created_by uuid REFERENCES auth.users ON DELETE SET NULL, title text NOT NULL, status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done')),
  number int NOT NULL DEFAULT 0, created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (organization_id, title));
CREATE INDEX ON {name} (organization_id);
ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON {name} FOR SELECT TO authenticated USING ({"true" if number % 50 == 20 else "is_member(organization_id)"});
CREATE POLICY b ON {name} FOR INSERT TO authenticated WITH CHECK (is_member(organization_id));
CREATE POLICY c ON {name} FOR UPDATE TO authenticated USING (is_member(organization_id)) WITH CHECK (is_member(organization_id));
CREATE POLICY d ON {name} FOR DELETE TO authenticated USING (is_admin(organization_id));""")
        parent = name
