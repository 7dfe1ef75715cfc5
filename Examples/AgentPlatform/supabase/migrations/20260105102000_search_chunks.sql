-- With the caller's own rights: the policies of document_chunks and documents hold it.
CREATE FUNCTION public.search_chunks(p_organization uuid, p_words text, p_limit integer DEFAULT 5)
RETURNS TABLE (chunk_id bigint, document_id uuid, content text)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
AS $$
  SELECT c.id, c.document_id, c.content
  FROM public.document_chunks c JOIN public.documents d ON d.id = c.document_id
  WHERE d.organization_id = p_organization AND c.content ILIKE '%' || p_words || '%'
  ORDER BY c.id LIMIT least(p_limit, 50)
$$;
GRANT EXECUTE ON FUNCTION public.search_chunks(uuid, text, integer) TO authenticated;
