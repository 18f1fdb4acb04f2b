package rights

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// Close takes everybody else's rights to a directory of pinfold's own, and to what is in it: its owner, administrators
// and the system keep theirs. What others inherit from above, as all users do in %ProgramData%, ends here. A list
// that somebody has closed already stays as it is: who else is in it was let in.
func Close(dir string) error {
	const about = windows.OWNER_SECURITY_INFORMATION | windows.DACL_SECURITY_INFORMATION
	now, err := windows.GetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, about)
	if err != nil {
		return fmt.Errorf("read access list: %w", err)
	}
	control, _, err := now.Control()
	if err != nil {
		return fmt.Errorf("read access list: %w", err)
	}
	if control&windows.SE_DACL_PROTECTED != 0 {
		return nil
	}
	owner, _, err := now.Owner()
	if err != nil {
		return fmt.Errorf("read owner: %w", err)
	}
	// P: nothing is inherited. OICI: files and directories in it inherit. FA: all rights. SY, BA: system, administrators.
	closed, err := windows.SecurityDescriptorFromString("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" + owner.String() + ")")
	if err != nil {
		return fmt.Errorf("make access list: %w", err)
	}
	list, _, err := closed.DACL()
	if err != nil {
		return fmt.Errorf("make access list: %w", err)
	}
	const set = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	if err := windows.SetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, set, nil, nil, list, nil); err != nil {
		return fmt.Errorf("write access list: %w", err)
	}
	return nil
}
