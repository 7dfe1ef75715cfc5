-- platform: supabase
-- expect: safe
-- The tenant's owner cannot be thrown out, and a trigger makes its name small: two tenants must still be put in, and the admin's DELETE proven.
CREATE TABLE organizations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL REFERENCES auth.users DEFAULT auth.uid(), slug text UNIQUE,
  is_personal boolean NOT NULL DEFAULT false,
  CONSTRAINT slug_unless_personal CHECK ((is_personal AND slug IS NULL) OR (NOT is_personal AND slug IS NOT NULL)));
CREATE FUNCTION small_slug() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  NEW.slug := lower(regexp_replace(NEW.slug, '[^a-zA-Z0-9-]+', '-', 'g')); RETURN NEW; END $$;
CREATE TRIGGER small_slug BEFORE INSERT OR UPDATE ON organizations FOR EACH ROW EXECUTE FUNCTION small_slug();
CREATE TYPE member_role AS ENUM ('owner', 'member');
CREATE TABLE memberships (
  user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  member_role member_role NOT NULL, PRIMARY KEY (user_id, organization_id));
CREATE FUNCTION is_in(org uuid, wanted member_role DEFAULT NULL) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.memberships m WHERE m.organization_id = org AND m.user_id = auth.uid() AND (wanted IS NULL OR m.member_role = wanted)) $$;
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON organizations FOR SELECT TO authenticated USING (is_in(id));
CREATE POLICY change ON organizations FOR UPDATE TO authenticated USING (is_in(id, 'owner'));
CREATE POLICY read ON memberships FOR SELECT TO authenticated USING (is_in(organization_id));
CREATE POLICY throw_out ON memberships FOR DELETE TO authenticated
  USING (is_in(organization_id, 'owner') AND user_id <> (SELECT c.owner_id FROM organizations c WHERE c.id = organization_id));
