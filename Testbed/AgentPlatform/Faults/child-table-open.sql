-- breaks: document_chunks has no tenant's key, and its policy does not follow its document
-- red: RLS-2 KNO-1
ALTER POLICY members ON public.document_chunks USING (document_id IS NOT NULL) WITH CHECK (document_id IS NOT NULL);
