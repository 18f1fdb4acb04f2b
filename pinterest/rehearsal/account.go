package rehearsal

import "net/http"

// accountID is the same in each server: there is one account.
const accountID = "600000000000000001"

// account serves GET /user_account.
func (s *Server) account(r *http.Request, _ *grant) (int, any, *refusal) {
	if _, refused := readQuery(r, "ad_account_id"); refused != nil {
		return 0, nil, refused
	}
	return http.StatusOK, map[string]any{
		"id": accountID, "username": s.options.Username, "account_type": "BUSINESS",
		"business_name": "Rehearsal", "about": "", "profile_image": "", "website_url": "",
		"board_count": len(s.options.Boards()), "pin_count": len(s.Pins()),
		"follower_count": 0, "following_count": 0, "monthly_views": 0,
	}, nil
}
