-- Two organisations to ask about, for the scratch database alone: Ada owns Acme, Alan is a member of it; Bea owns Birch.
INSERT INTO auth.users (id, email) VALUES
  ('a0000000-0000-4000-8000-000000000001', 'ada@acme.example'),
  ('a0000000-0000-4000-8000-000000000002', 'alan@acme.example'),
  ('b0000000-0000-4000-8000-000000000001', 'bea@birch.example');
INSERT INTO public.organizations (id, name, slug) VALUES
  ('aaaaaaaa-0000-4000-8000-000000000000', 'Acme', 'acme'),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'Birch', 'birch');
INSERT INTO public.organization_members (organization_id, user_id, role) VALUES
  ('aaaaaaaa-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-000000000001', 'owner'),
  ('aaaaaaaa-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-000000000002', 'member'),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000001', 'owner');
INSERT INTO public.agents (id, organization_id, name) VALUES
  ('aaaaaaaa-0000-4000-8000-00000000000a', 'aaaaaaaa-0000-4000-8000-000000000000', 'Concierge'),
  ('bbbbbbbb-0000-4000-8000-00000000000a', 'bbbbbbbb-0000-4000-8000-000000000000', 'Clerk');
INSERT INTO storage.objects (bucket_id, name) VALUES
  ('knowledge', 'aaaaaaaa-0000-4000-8000-000000000000/handbook.pdf'),
  ('knowledge', 'bbbbbbbb-0000-4000-8000-000000000000/prices.pdf');

-- What Alan does by the application, with the server's note of the request.
DO $$
BEGIN
  PERFORM set_config('request.jwt.claims',
    '{"sub": "a0000000-0000-4000-8000-000000000002", "role": "authenticated"}', true);
  PERFORM set_config('app.request_id', 'req-42', true);
  SET LOCAL ROLE authenticated;
  UPDATE public.agents SET name = 'Receptionist' WHERE id = 'aaaaaaaa-0000-4000-8000-00000000000a';
  RESET ROLE;
END
$$;
