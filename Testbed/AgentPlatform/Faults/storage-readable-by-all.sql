-- breaks: whoever is signed in reads every file of the bucket
-- red: STO-1
ALTER POLICY members_read ON storage.objects USING (bucket_id = 'knowledge');
