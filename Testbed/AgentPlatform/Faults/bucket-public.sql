-- breaks: the bucket is public: its files need no policy
-- red: STO-3
UPDATE storage.buckets SET public = true WHERE id = 'knowledge';
