/** @file The tables of evidence, reviews, who made versions, who had aliases, and the audit log. */
export const governanceTables = `
CREATE TABLE version_authors (
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  author TEXT NOT NULL,
  verified INTEGER NOT NULL,
  PRIMARY KEY (name, version, author),
  FOREIGN KEY (name, version) REFERENCES model_versions ON DELETE CASCADE ON UPDATE CASCADE
) WITHOUT ROWID;
CREATE TABLE version_evidence (
  evidence_no INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  author TEXT NOT NULL,
  verified INTEGER NOT NULL,
  at INTEGER NOT NULL,
  FOREIGN KEY (name, version) REFERENCES model_versions ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX version_evidence_by_version ON version_evidence (name, version);
CREATE TABLE version_reviews (
  review_no INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  comment TEXT NOT NULL,
  files TEXT,
  author TEXT NOT NULL,
  verified INTEGER NOT NULL,
  at INTEGER NOT NULL,
  FOREIGN KEY (name, version) REFERENCES model_versions ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX version_reviews_by_version ON version_reviews (name, version);
CREATE TABLE alias_holders (
  holder_no INTEGER PRIMARY KEY,
  name TEXT NOT NULL REFERENCES registered_models ON DELETE CASCADE ON UPDATE CASCADE,
  alias TEXT NOT NULL,
  version INTEGER NOT NULL,
  files TEXT,
  signature TEXT,
  at INTEGER NOT NULL
);
CREATE INDEX alias_holders_by_alias ON alias_holders (name, alias);
CREATE TABLE audit_entries (
  sequence INTEGER PRIMARY KEY,
  entry TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE TABLE audit_last (
  only_row INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  hash TEXT NOT NULL
);
`;
