-- breaks: whoever is signed in puts files into any folder of the bucket
-- red: STO-2
ALTER POLICY members_add ON storage.objects WITH CHECK (bucket_id = 'knowledge');
