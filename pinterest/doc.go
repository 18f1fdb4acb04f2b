// Package pinterest is a client for Pinterest's REST API v5, written against the published description 5.23.0.
//
// Its words are Pinterest's: an account owns boards; a board may have sections; a pin lives on a board, or in one
// of its sections. Ids are strings of digits. An app (id and secret) belongs to a business account; a person
// allows it some scopes on the authorise page, and it then holds an access token (30 days) and a refresh token
// (60 days, new with each refresh). An app has trial access, which may create pins in the sandbox only, or
// standard access.
//
// What is called: the authorise page, POST /oauth/token with both grants of a person, GET /user_account,
// GET /boards, GET /boards/{id}/sections, GET /boards/{id}/pins, GET /boards/{id}/sections/{id}/pins, GET /pins
// and POST /pins with one base64 image.
//
// What is not, and why:
//   - Carousels, videos and images by address: pinfold sends one photo that lies on the user's own disk.
//   - Creating, changing or deleting boards, and changing or deleting pins: nothing that exists is ever touched.
//   - POST /oauth/token/revoke: Pinterest takes it from system users only. Disconnecting deletes the tokens here;
//     the user revokes on Pinterest under Settings, Security, Connected apps.
//   - ad_account_id, analytics and ads: they need scopes that pinfold does not ask for.
//   - A publish time, a draft or an idempotency key: the API has none, so an answer that was lost has to be looked
//     up by the caller ([Client.PinPages]).
//
// Each method sends its requests once, over a fresh HTTP/1.1 connection each: nothing is repeated, redirected,
// cached or kept, and no cookie is held. What comes back is for the moment: Pinterest's rules forbid to store
// anything that the API returned. Errors are of type [*Error] and in our own words for that reason.
package pinterest
