-- A file's first folder is its organisation's key.
INSERT INTO storage.buckets (id, name, public) VALUES ('knowledge', 'knowledge', false);

CREATE POLICY members_read ON storage.objects FOR SELECT TO authenticated
  USING (bucket_id = 'knowledge'
    AND (storage.foldername(name))[1] IN (SELECT o::text FROM private.my_organizations() o));
CREATE POLICY members_add ON storage.objects FOR INSERT TO authenticated
  WITH CHECK (bucket_id = 'knowledge'
    AND (storage.foldername(name))[1] IN (SELECT o::text FROM private.my_organizations() o));
CREATE POLICY admins_remove ON storage.objects FOR DELETE TO authenticated
  USING (bucket_id = 'knowledge'
    AND (storage.foldername(name))[1] IN (SELECT o::text FROM private.organizations_i_run() o));
