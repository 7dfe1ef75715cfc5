-- breaks: the policy of api_keys goes through the whole table
-- red: PRF-1
DROP INDEX public.api_keys_organization;
