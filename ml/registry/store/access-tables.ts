/** @file Step 3: users and their tokens; passwords and tokens are hashes. */
export const accessTables = `
CREATE TABLE users (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  password TEXT,
  creation_time INTEGER NOT NULL
);
CREATE TABLE user_tokens (
  token_id TEXT PRIMARY KEY,
  user_name TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
  label TEXT NOT NULL,
  secret TEXT NOT NULL,
  creation_time INTEGER NOT NULL,
  expiration_time INTEGER
);
CREATE INDEX user_tokens_by_user ON user_tokens (user_name);
`;
