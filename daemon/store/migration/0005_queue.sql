-- The queue: posts without a time of their own, and the slots that they use.

ALTER TABLE posts ADD COLUMN place INTEGER NOT NULL DEFAULT 0; -- order in the queue; 0: it has a time, or is a draft
ALTER TABLE posts ADD COLUMN slot  INTEGER NOT NULL DEFAULT 0; -- that a queued post has, or has used
ALTER TABLE attempts ADD COLUMN slot INTEGER NOT NULL DEFAULT 0; -- that it has used

-- What lacked a time until now keeps the order in which it came.
UPDATE posts SET place = id WHERE publish_at = 0 AND publish_now = 0 AND state <> 'draft';

CREATE INDEX posts_place ON posts (place) WHERE place <> 0;
CREATE INDEX posts_queue ON posts (environment, account, place)
  WHERE state = 'scheduled' AND publish_now = 0 AND due_at = 0;
CREATE INDEX posts_slot ON posts (environment, account, slot) WHERE slot <> 0;
CREATE INDEX attempts_slot ON attempts (environment, account, slot) WHERE slot <> 0;
