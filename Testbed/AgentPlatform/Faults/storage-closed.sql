-- breaks: the policies of the bucket name one that is not there, and members see no file of their own
-- red: STO-1
-- undecided: STO-2
ALTER POLICY members_read ON storage.objects USING (bucket_id = 'knowledge-files');
ALTER POLICY members_add ON storage.objects WITH CHECK (bucket_id = 'knowledge-files');
